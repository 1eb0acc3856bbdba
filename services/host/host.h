// Host: runs one service, or several, as a process: flags, stores, policies, metrics, server, drain.
#pragma once

#include <initializer_list>

namespace makegood::services {

struct AppKind;  // app.h

// The whole of a main(): reads flags, opens a store per app in --data_dir, serves until SIGTERM or
// SIGINT, drains. Apps of one process reach each other within it, others by their --*_address flags.
// Returns the exit code: 0 after a drain, 1 with a sentence on standard error when it cannot start.
int Run(int argc, char** argv, std::initializer_list<AppKind (*)()> kinds);

}  // namespace makegood::services
