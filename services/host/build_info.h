// Which build this is. The source is generated, so that a new commit compiles one line anew.
#pragma once

namespace makegood::services {

extern const char kVersion[];   // "0.1.0"
extern const char kRevision[];  // git's short name of the commit; empty where git was not asked

}  // namespace makegood::services
