"""What no path and body can say."""

from engine.api import Call, operation


@operation("weather.describe")
def describe(call: Call, degrees: int) -> dict[str, str]:
    """Say in a word how warm it is.

    Args:
        degrees: Degrees Celsius.
    """
    return {"it is": "cold" if degrees < 10 else "mild" if degrees < 25 else "hot"}
