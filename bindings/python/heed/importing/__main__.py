"""python -m heed.importing KIND FILE... --output DIR"""

import argparse
import sys
import warnings

from . import KINDS, convert, write_bundle
from .errors import ImportFailure


def parse(arguments):
    parser = argparse.ArgumentParser(prog="heed.importing", description="Makes a bundle of Heed from a model of another toolkit.",
                                     epilog="What is taken and what is refused: docs/importing.md.")
    parser.add_argument("kind", choices=KINDS, help="the toolkit that trained the model")
    parser.add_argument("files", metavar="FILE", nargs="+", help="its files, in the order of docs/importing.md")
    parser.add_argument("--output", metavar="DIR", required=True, help="the bundle's folder, which is made")
    parser.add_argument("--source-end", action="store_true",
                        help="opennmt: the sources of the training ended with the word </s>")
    options = parser.parse_args(arguments)
    if options.source_end and options.kind != "opennmt":
        parser.error(f"--source-end is of opennmt, not of {options.kind}")
    return options


def main(arguments=None):
    options = parse(arguments)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of NumPy and PyTorch, about numbers and marks that the errors are about too
            write_bundle(options.output, convert(options.kind, options.files, options))
    except ImportFailure as failure:
        print(f"heed.importing: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("heed.importing: interrupted; nothing was written", file=sys.stderr)
        return 130
    except (MemoryError, RecursionError) as error:
        print(f"heed.importing: {options.files[0]}: {type(error).__name__}: the file is damaged, or too large for this machine",
              file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
