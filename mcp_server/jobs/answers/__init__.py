"""How a call is answered: plan, prompt and model, with a session or by itself."""
