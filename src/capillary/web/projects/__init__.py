"""Projects: a plan that is carried out, milestone by milestone, with what it cost and the evidence that it is done."""
