#include "common/base/log.h"

#include <google/protobuf/stubs/logging.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <cstdlib>
#include <exception>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/base/status.h"

namespace makegood {
namespace {

spdlog::level::level_enum ToSpdlog(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

absl::string_view Name(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kError:
      return "error";
  }
  return "error";
}

// Its own lines would stand between ours as plain text.
void LogForProtobuf(google::protobuf::LogLevel severity, const char* file, int line,
                    const std::string& message) {
  // What callers send that cannot be read is no fault of ours, and they are told.
  const bool is_of_a_caller = absl::StrContains(file, "wire_format");
  const LogLevel level = is_of_a_caller                                   ? LogLevel::kDebug
                         : severity == google::protobuf::LOGLEVEL_INFO    ? LogLevel::kInfo
                         : severity == google::protobuf::LOGLEVEL_WARNING ? LogLevel::kWarning
                                                                          : LogLevel::kError;
  Log(level, message, {{"of", "protobuf"}, {"file", absl::StrCat(file, ":", line)}});
}

// What nobody caught ends the process; the system's own last line would quote the exception (SYS-09).
[[noreturn]] void LogAndAbort() {
  Log(LogLevel::kError, "the process ends", {{"error", std::string(CaughtException().message())}});
  std::abort();
}

}  // namespace

absl::Status StartLogging(absl::string_view service, absl::string_view level) {
  for (const LogLevel known : {LogLevel::kDebug, LogLevel::kInfo, LogLevel::kWarning, LogLevel::kError}) {
    if (Name(known) != level) continue;
    auto logger = std::make_shared<spdlog::logger>(std::string(service),
                                                   std::make_shared<spdlog::sinks::stderr_sink_mt>());
    logger->set_pattern("%v");
    logger->set_level(ToSpdlog(known));
    logger->flush_on(spdlog::level::info);
    spdlog::set_default_logger(std::move(logger));
    google::protobuf::SetLogHandler(LogForProtobuf);
    std::set_terminate(LogAndAbort);
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("log level is \"", level, "\", want debug, info, warning or error"));
}

bool Logs(LogLevel level) { return spdlog::default_logger_raw()->should_log(ToSpdlog(level)); }

void Log(LogLevel level, absl::string_view message, std::initializer_list<LogField> fields) {
  if (!Logs(level)) return;
  std::string line = absl::StrCat(
      "{\"time\":\"", absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", absl::Now(), absl::UTCTimeZone()),
      "\",\"level\":\"", Name(level), "\",\"service\":", JsonString(spdlog::default_logger_raw()->name()),
      ",\"message\":", JsonString(message));
  for (const LogField& field : fields) {
    absl::StrAppend(&line, ",", JsonString(field.name), ":", JsonString(field.value));
  }
  line.push_back('}');
  spdlog::default_logger_raw()->log(ToSpdlog(level), spdlog::string_view_t(line.data(), line.size()));
}

std::string JsonString(absl::string_view text) {
  std::string json = "\"";
  for (const char c : text) {
    switch (c) {
      case '"':
        json += "\\\"";
        break;
      case '\\':
        json += "\\\\";
        break;
      case '\n':
        json += "\\n";
        break;
      case '\t':
        json += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          absl::StrAppendFormat(&json, "\\u%04x", static_cast<unsigned char>(c));
        } else {
          json.push_back(c);
        }
    }
  }
  json.push_back('"');
  return json;
}

}  // namespace makegood
