#include "tools/makegoodctl/command_line/who.h"

#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"

namespace makegood::ctl {
namespace {

std::string ValueOf(const char* variable) {
  const char* const value = std::getenv(variable);
  return value == nullptr ? "" : value;
}

// A profile that applies, and how it came to.
struct Chosen {
  const Profile* profile = nullptr;
  std::string from;
};

absl::StatusOr<Chosen> Choose(const Profiles& profiles, const Settings& settings) {
  Chosen chosen;
  std::string name = settings.as;
  std::string how = "--as";
  if (name.empty()) {
    name = ValueOf("MAKEGOOD_PROFILE");
    how = "MAKEGOOD_PROFILE";
  }
  if (name.empty()) {
    name = profiles.in_use;
    how = "profile use";
  }
  if (name.empty()) return chosen;
  const auto found = profiles.by_name.find(name);
  if (found != profiles.by_name.end()) {
    return Chosen{&found->second, absl::StrCat("profile ", name, ", by ", how)};
  }
  return InvalidFields({{how == "profile use" ? "profile" : how, NoSuchProfile(name, profiles)}});
}

// Whether the profile says this; who calls it says as a whole, so that no store is left over from elsewhere.
bool Says(const Chosen& chosen, const WhoOption& option) {
  return chosen.profile != nullptr &&
         (option.value != &Settings::server || !(chosen.profile->*option.in_profile).empty());
}

}  // namespace

const std::vector<WhoOption>& WhoOptions() {
  static const auto* const options =
      new std::vector<WhoOption>{{"server", "MAKEGOOD_SERVER", &Settings::server, &Profile::server},
                                 {"role", "MAKEGOOD_ROLE", &Settings::role, &Profile::role},
                                 {"actor", "MAKEGOOD_ACTOR", &Settings::actor, &Profile::actor},
                                 {"store", "MAKEGOOD_STORE", &Settings::store, &Profile::store}};
  return *options;
}

std::set<std::string> TakeWho(const std::vector<std::string>& words, Settings& settings) {
  std::set<std::string> given;
  for (size_t i = 0; i < words.size(); ++i) {
    // bash takes --role=customer for three words.
    const bool split = i + 2 < words.size() && words[i + 1] == "=";
    const size_t equals = words[i].find('=');
    const std::string name = words[i].substr(0, equals);
    const size_t next = split ? i + 2 : i + 1;
    if (equals == std::string::npos && next >= words.size()) continue;
    const std::string value = equals == std::string::npos ? words[next] : words[i].substr(equals + 1);
    if (name == "--as") settings.as = value;
    for (const WhoOption& option : WhoOptions()) {
      if (name != absl::StrCat("--", option.name)) continue;
      settings.*option.value = value;
      given.insert(option.name);
    }
  }
  return given;
}

absl::Status FillInWho(const std::set<std::string>& given, const std::string& profiles_path,
                       Settings& settings) {
  ASSIGN_OR_RETURN(const Profiles profiles, LoadProfiles(profiles_path));
  ASSIGN_OR_RETURN(const Chosen chosen, Choose(profiles, settings));
  const bool named = !settings.as.empty();
  for (const WhoOption& option : WhoOptions()) {
    const bool says = Says(chosen, option);
    std::string& from = settings.from[option.name];
    from = "as usual";
    if (given.count(option.name) > 0) {
      from = absl::StrCat("--", option.name);
    } else if (const std::string value = ValueOf(option.variable); !value.empty() && !(named && says)) {
      settings.*option.value = value;
      from = option.variable;
    } else if (says) {
      settings.*option.value = chosen.profile->*option.in_profile;
      from = chosen.from;
    }
  }
  return absl::OkStatus();
}

}  // namespace makegood::ctl
