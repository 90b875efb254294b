"""What the flex template's launcher starts: draw the graph, hand it over, and leave. The job commits by itself."""

from pipeline.detached import main

if __name__ == "__main__":
    main()
