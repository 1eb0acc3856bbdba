#include "tools/makegoodctl/command_line/profiles.h"

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/base/status.h"
#include "tools/makegoodctl/client/files.h"

namespace makegood::ctl {
namespace {

constexpr size_t kLargest = size_t{1} << 20;

std::string VariableOr(const char* name, const std::string& otherwise) {
  const char* const value = std::getenv(name);
  return value == nullptr || *value == '\0' ? otherwise : value;
}

std::string* PlaceIn(Profile& profile, absl::string_view word) {
  if (word == "role") return &profile.role;
  if (word == "actor") return &profile.actor;
  if (word == "store") return &profile.store;
  return word == "server" ? &profile.server : nullptr;
}

// One line of the file: a word and what it is set to. False where it has no place.
bool Take(absl::string_view word, const std::string& value, Profiles& profiles, Profile*& current) {
  if (word == "use") {
    profiles.in_use = value;
    return true;
  }
  if (word == "profile") {
    const auto [at, is_new] = profiles.by_name.try_emplace(value);
    current = &at->second;
    return is_new;
  }
  std::string* const place = current == nullptr ? nullptr : PlaceIn(*current, word);
  if (place != nullptr) *place = value;
  return place != nullptr;
}

}  // namespace

std::string ProfilesPath() {
  const std::string home = VariableOr("HOME", "");
  const std::string folder = VariableOr("XDG_CONFIG_HOME", home.empty() ? "" : home + "/.config");
  return folder.empty() ? "" : absl::StrCat(folder, "/makegood/profiles");
}

absl::StatusOr<Profiles> ParseProfiles(const std::string& text) {
  Profiles profiles;
  Profile* current = nullptr;
  int number = 0;
  for (const absl::string_view whole : absl::StrSplit(text, '\n')) {
    ++number;
    const absl::string_view line = absl::StripAsciiWhitespace(whole);
    if (line.empty() || absl::StartsWith(line, "#")) continue;
    const std::vector<std::string> words = absl::StrSplit(line, absl::ByAnyChar(" \t"), absl::SkipEmpty());
    if (words.size() != 2 || !Take(words[0], words[1], profiles, current)) {
      return absl::InvalidArgumentError(
          absl::StrCat("line ", number,
                       " is not one of use, profile (each name once), role, actor, store, server with a "
                       "word behind it"));
    }
  }
  return profiles;
}

std::string WriteProfiles(const Profiles& profiles) {
  std::string text = "# Who calls, for makegoodctl.\n";
  if (!profiles.in_use.empty()) absl::StrAppend(&text, "use ", profiles.in_use, "\n");
  for (const auto& [name, profile] : profiles.by_name) {
    absl::StrAppend(&text, "profile ", name, "\n");
    Profile copy = profile;
    for (const char* word : {"role", "actor", "store", "server"}) {
      const std::string& value = *PlaceIn(copy, word);
      if (!value.empty()) absl::StrAppend(&text, "  ", word, " ", value, "\n");
    }
  }
  return text;
}

std::string NoSuchProfile(const std::string& name, const Profiles& profiles) {
  const std::string known = absl::StrJoin(
      profiles.by_name, ", ", [](std::string* out, const auto& one) { absl::StrAppend(out, one.first); });
  return absl::StrCat("\"", name, "\" is no profile; ",
                      known.empty() ? "there are none" : absl::StrCat("there are ", known));
}

absl::StatusOr<Profiles> LoadProfiles(const std::string& path) {
  if (path.empty()) return Profiles();
  const absl::StatusOr<std::string> text = ReadFile(path, kLargest);
  if (absl::IsNotFound(text.status())) return Profiles();
  RETURN_IF_ERROR(text.status());
  absl::StatusOr<Profiles> profiles = ParseProfiles(*text);
  if (profiles.ok()) return profiles;
  return absl::InvalidArgumentError(absl::StrCat(path, ": ", profiles.status().message()));
}

absl::Status SaveProfiles(const std::string& path, const Profiles& profiles) {
  if (path.empty())
    return absl::FailedPreconditionError("neither XDG_CONFIG_HOME nor HOME says where profiles go");
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  std::error_code error;
  if (std::filesystem::create_directories(folder, error)) chmod(folder.c_str(), S_IRWXU);
  return WriteFile(path, WriteProfiles(profiles));
}

}  // namespace makegood::ctl
