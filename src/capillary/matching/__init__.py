"""Who gets what from whom: demand and supply brought together, with the reasons."""
