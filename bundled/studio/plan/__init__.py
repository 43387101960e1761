"""What is drawn, in words and numbers: nothing here knows the renderer."""
