"""How much of everything a load wants: replicas, partitions, storage and money, and how KEDA's rule follows bursts."""
