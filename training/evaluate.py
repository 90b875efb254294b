"""Evaluate a model folder on labelled rows: `python -m training.evaluate ner|stance --model DIR --data FILE …`."""

import argparse

from training import evaluate_ner, evaluate_stance

TASKS = {"ner": evaluate_ner, "stance": evaluate_stance}


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    tasks = parser.add_subparsers(dest="task_name", required=True)
    for name, module in TASKS.items():
        module.add_arguments(tasks.add_parser(name, description=module.__doc__,
                                              formatter_class=argparse.RawDescriptionHelpFormatter))
    options = parser.parse_args()
    TASKS[options.task_name].main(options)


if __name__ == "__main__":
    main()
