"""The trainer's only room with torch: the models it trains and the one loop that trains them."""

from services.trainer.model.lora_trainer import LoraTrainer

__all__ = ["LoraTrainer"]
