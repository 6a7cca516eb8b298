"""Floor 2: interview, findings, nearest ways, benchmark and read-across."""

from capillary.diagnosis.diagnose import Diagnosis, diagnose
from capillary.diagnosis.interview import Interview
from capillary.diagnosis.profile import profile_of, read_across

__all__ = ["Diagnosis", "Interview", "diagnose", "profile_of", "read_across"]
