"""What other slices may use of sequences."""

from peyvand.collaborative.sequences.enrolling import enrol
from peyvand.collaborative.sequences.models import Enrolment, Sequence, Step, StepRun
from peyvand.collaborative.sequences.objects import ENROLMENT, SEQUENCE, STEP
from peyvand.collaborative.sequences.running import run_set
from peyvand.collaborative.sequences.timing import WorkingClock
from peyvand.collaborative.sequences.variants import variant_of

__all__ = [
    "ENROLMENT",
    "SEQUENCE",
    "STEP",
    "Enrolment",
    "Sequence",
    "Step",
    "StepRun",
    "WorkingClock",
    "enrol",
    "run_set",
    "variant_of",
]
