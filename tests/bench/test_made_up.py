from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from bench import made_up
from engine.cli.main import main


def test_flows_can_use_every_operation(tmp_path: Path) -> None:
    made_up.write_zip(tmp_path, "acme", made_up.connector("acme", 4))
    calls = "".join(f"<acme.{name}/>" for name in ("init", "read", "write0", "write1"))
    (tmp_path / "flow.xml").write_text(
        '<proxy xmlns="http://ws.apache.org/ns/synapse" name="p">'
        f"<target><inSequence>{calls}</inSequence></target></proxy>"
    )
    done = CliRunner().invoke(main, ["check", str(tmp_path)])
    assert (done.exit_code, done.output) == (0, "1 file, 1 artifact, 0 errors, 0 warnings\n")
