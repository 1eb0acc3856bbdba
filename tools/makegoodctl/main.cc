// makegoodctl: the suite from a terminal.
#include "tools/makegoodctl/command_line/program.h"

int main(int argc, char** argv) { return makegood::ctl::Main(argc, argv); }
