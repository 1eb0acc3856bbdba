#include "common/base/flags.h"

#include <cstdlib>
#include <string>
#include <vector>

#include "absl/flags/commandlineflag.h"
#include "absl/flags/parse.h"
#include "absl/flags/reflection.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/status.h"

namespace makegood {
namespace {

absl::Status FromEnvironment(absl::CommandLineFlag& flag) {
  const std::string variable = absl::StrCat("MAKEGOOD_", absl::AsciiStrToUpper(flag.Name()));
  const char* value = std::getenv(variable.c_str());
  std::string error;
  if (value == nullptr || flag.ParseFrom(value, &error)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(variable, " is \"", value, "\", which --", flag.Name(), " does not take: ", error));
}

}  // namespace

absl::Status ParseFlags(int argc, char** argv) {
  for (const auto& [name, flag] : absl::GetAllFlags()) RETURN_IF_ERROR(FromEnvironment(*flag));
  const std::vector<char*> rest = absl::ParseCommandLine(argc, argv);
  if (rest.size() > 1) return absl::InvalidArgumentError(absl::StrCat("\"", rest[1], "\" is no flag"));
  return absl::OkStatus();
}

}  // namespace makegood
