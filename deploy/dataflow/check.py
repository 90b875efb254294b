"""The template's metadata, as Dataflow's own client takes it: a name or type unknown to the service is an error.

pip install google-cloud-dataflow-client
"""

from pathlib import Path

from google.cloud.dataflow_v1beta3 import TemplateMetadata

METADATA = Path(__file__).with_name("metadata.json")


def main() -> None:
    """Say how many parameters there are."""
    metadata = TemplateMetadata.from_json(METADATA.read_text(encoding="utf-8"))
    assert not metadata.streaming
    assert all(parameter.label and parameter.help_text for parameter in metadata.parameters)
    print(f"{METADATA.name}: {len(metadata.parameters)} parameters, as Dataflow's client takes them")


if __name__ == "__main__":
    main()
