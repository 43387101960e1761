"""What a prompt asks for: free words read into labels."""
