"""How services speak with a relational database: engines, transactions, outages in our words, migrations."""
