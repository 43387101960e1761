"""What the models take and give: time, memory, quality."""
