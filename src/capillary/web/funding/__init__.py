"""What a firm may claim: its facts, its entitlements now and after a plan, and the programmes themselves."""
