// The whole of makegoodctl's main().
#pragma once

namespace makegood::ctl {

// Does what the arguments say; the exit code.
int Main(int argc, char** argv);

}  // namespace makegood::ctl
