"""What services with torch share: the one room of `shared` that imports it. Only their models and trainings may enter."""
