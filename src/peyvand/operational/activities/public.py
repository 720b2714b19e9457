"""What other slices may use of activities."""

from peyvand.operational.activities.actions import complete_task, complete_tasks, hold_meeting, log_call
from peyvand.operational.activities.models import Activity, Call, Meeting, Note, Task
from peyvand.operational.activities.objects import CALL, MEETING, NOTE, TASK, TASK_KINDS
from peyvand.operational.activities.queries import Step, my_meetings, my_tasks, next_steps
from peyvand.operational.activities.reminding import BEFORE as REMINDED_BEFORE
from peyvand.operational.activities.spoken import not_spoken
from peyvand.operational.activities.suggestions import suggested, suggests

__all__ = [
    "CALL", "MEETING", "NOTE", "REMINDED_BEFORE", "TASK", "TASK_KINDS", "Activity", "Call", "Meeting", "Note", "Step", "Task",
    "complete_task", "complete_tasks", "hold_meeting", "log_call", "my_meetings", "my_tasks", "next_steps", "not_spoken", "suggested", "suggests",
]  # fmt: skip
