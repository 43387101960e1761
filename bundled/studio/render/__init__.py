"""How it is drawn: everything here but its names needs Blender's Python module."""
