"""What services with torch share; no other room of `shared` imports it. Models and trainings alone may enter."""
