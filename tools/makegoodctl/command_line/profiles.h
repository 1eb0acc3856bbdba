// Profiles: who calls, said once. A small text file, to be written by hand as well as by `makegoodctl
// profile`:
//
//   use shop
//   profile shop
//     role store_employee
//     actor e-1
//     store m-100
//     server 127.0.0.1:7400
#pragma once

#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace makegood::ctl {

// What is empty is not said.
struct Profile {
  std::string role;
  std::string actor;
  std::string store;
  std::string server;
};

struct Profiles {
  std::string in_use;  // where no other is named; may be empty
  std::map<std::string, Profile> by_name;
};

// ${XDG_CONFIG_HOME:-~/.config}/makegood/profiles; empty where neither that nor a home is known.
std::string ProfilesPath();

// What `text` says. INVALID_ARGUMENT names the line that cannot be read.
absl::StatusOr<Profiles> ParseProfiles(const std::string& text);
std::string WriteProfiles(const Profiles& profiles);

// ""x" is no profile; there are a, b".
std::string NoSuchProfile(const std::string& name, const Profiles& profiles);

// A file that there is not yet holds none.
absl::StatusOr<Profiles> LoadProfiles(const std::string& path);
// Makes its folder, too, for nobody else to read.
absl::Status SaveProfiles(const std::string& path, const Profiles& profiles);

}  // namespace makegood::ctl
