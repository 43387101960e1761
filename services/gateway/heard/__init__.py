"""What the gateway hears on its topics: told live, told anew from the beginning, and what it need not ask for again."""
