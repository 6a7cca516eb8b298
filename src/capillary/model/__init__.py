"""Floor 0: what the words mean. Typed, frozen, validated on load."""

from capillary.model.capability import Area, Capability, CapabilityFile, Obstacle
from capillary.model.fields import Field, fields_of
from capillary.model.problems import InputError, Place, Problem
from capillary.model.sheet import AnswerSheet, Enterprise, Grade
from capillary.model.standard import Question, Standard
from capillary.model.text import LANGUAGES, Language, Message, Text, msg

__all__ = [
    "LANGUAGES",
    "AnswerSheet",
    "Area",
    "Capability",
    "CapabilityFile",
    "Enterprise",
    "Field",
    "Grade",
    "InputError",
    "Language",
    "Message",
    "Obstacle",
    "Place",
    "Problem",
    "Question",
    "Standard",
    "Text",
    "fields_of",
    "msg",
]
