"""Demand and supply brought together, with the reasons: offers for needs, and who gets what where too little is there."""
