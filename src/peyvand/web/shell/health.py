from django.db import connection
from django.http import HttpRequest, JsonResponse


def healthz(request: HttpRequest) -> JsonResponse:
    """Whether this process can reach its database: for load balancers and for `peyvand run`."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
    except Exception as error:  # noqa: BLE001 any fault at all is answered
        # Any reason at all means: send nobody here. The reason itself is the operator's, not the caller's.
        return JsonResponse({"status": "unavailable", "reason": type(error).__name__}, status=503)
    return JsonResponse({"status": "ok"})
