"""Who chooses among labels beside the model, how far each is believed, and how sure that makes."""
