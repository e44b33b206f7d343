"""A GoToWebinar API that runs on your machine, for demonstrations and tests.

    with Simulator() as simulator:
        webinars = f"{simulator.base_url}/G2W/rest/organizers/3697511743350317068/webinars"
        requests.get(webinars, headers={"Authorization": "any token"})

It speaks versions 1 and 2, keeps state, checks what it receives against the vendor's specifications and answers with
the vendor's shapes and error bodies. Events go to webhooks that are subscribed to. Its clock starts on 2016-06-01, so
that the sample requests of the connector's documentation, which schedule webinars for that June, work as they are
printed.
"""

from connectors.gotowebinar.simulator.app import SimulatorApp
from connectors.gotowebinar.simulator.messages import Request
from connectors.gotowebinar.simulator.server import Simulator
from connectors.gotowebinar.simulator.tokens import TokenPolicy

__all__ = ["Request", "Simulator", "SimulatorApp", "TokenPolicy"]
