"""LoRA adapters: as values and PEFT directories, cached, chosen for a step, and refined."""
