// The log: one JSON object a line on standard error. Ids only, never personal data (SYS-09).
#pragma once

#include <initializer_list>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace makegood {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

struct LogField {
  absl::string_view name;
  std::string value;
};

// Directs the log of this process to standard error, every line naming `service`. `level` is
// debug, info, warning or error: less than that is left out. INVALID_ARGUMENT for another word. Lines of
// protobuf, and the last one of a process that an exception ends, go the same way. Until it is called, lines
// go where spdlog sends them by itself.
absl::Status StartLogging(absl::string_view service, absl::string_view level);

// Whether a line of this level would be written.
bool Logs(LogLevel level);

// Writes one line: time, level, service, message and `fields`. Thread-safe.
void Log(LogLevel level, absl::string_view message, std::initializer_list<LogField> fields = {});

// `text` as a JSON string, with its quotes.
std::string JsonString(absl::string_view text);

}  // namespace makegood
