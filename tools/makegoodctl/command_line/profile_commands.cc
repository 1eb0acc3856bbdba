#include "tools/makegoodctl/command_line/profile_commands.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status.h"
#include "google/protobuf/struct.pb.h"
#include "makegood/base/v1/access.pb.h"
#include "tools/makegoodctl/command_line/contract.h"
#include "tools/makegoodctl/command_line/session.h"
#include "tools/makegoodctl/command_line/show.h"
#include "tools/makegoodctl/command_line/who.h"

namespace makegood::ctl {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

// Rows of named values: a table, or a line each of JSON or text.
void ShowFields(const Session& session, const std::vector<Fields>& rows) {
  if (rows.empty()) {
    if (session.terminal().person_watches) std::fputs("There are none.\n", stderr);
    return;
  }
  std::vector<std::string> titles;
  for (const auto& [title, value] : rows.front()) titles.push_back(title);
  Table table(titles);
  for (const Fields& row : rows) {
    google::protobuf::Struct object;
    std::vector<std::string> cells;
    for (const auto& [title, value] : row) {
      (*object.mutable_fields())[title].set_string_value(value);
      cells.push_back(value);
    }
    if (session.output() == Output::kJson) std::puts(ToJson(object).c_str());
    if (session.output() == Output::kText) std::puts(absl::StrJoin(cells, "\t").c_str());
    table.Add(cells);
  }
  if (session.output() == Output::kTable) table.Print();
}

Fields FieldsOf(const std::string& name, const Profile& profile, bool in_use) {
  return {{"profile", name},        {"role", profile.role},     {"actor", profile.actor},
          {"store", profile.store}, {"server", profile.server}, {"in_use", in_use ? "yes" : ""}};
}

absl::Status NoSuch(const std::string& name) {
  return absl::NotFoundError(absl::StrCat("profile ", name, " is not there"));
}

// Names are words, as the file has them.
std::string NameProblem(const std::string& name) {
  const bool word = !name.empty() && name.find_first_of(" \t\n#") == std::string::npos;
  return word ? "" : "a profile's name is a word";
}

// A command on the profiles there are, whose outcome is kept where it changes them.
using Work = std::function<absl::Status(Session&, Profiles&)>;
Action OnProfiles(bool changes, Work work) {
  return [changes, work = std::move(work)](Session& session) {
    absl::StatusOr<Profiles> profiles = LoadProfiles(ProfilesPath());
    absl::Status done = profiles.status();
    if (done.ok()) done = work(session, *profiles);
    if (done.ok() && changes) done = SaveProfiles(ProfilesPath(), *profiles);
    return done.ok() ? kDone : session.Fail(done);
  };
}

std::shared_ptr<std::string> AddName(CLI::App& app, bool required) {
  auto name = std::make_shared<std::string>();
  app.add_option("name", *name, "The profile's name")
      ->required(required)
      ->type_name("PROFILE")
      ->check(NameProblem);
  return name;
}

// What the options before say goes into the profile; of one that is there already the rest stays.
absl::Status SetProfile(const Session& session, const std::string& name, Profiles& profiles) {
  ASSIGN_OR_RETURN(const base::v1::Actor actor, session.actor());
  const Settings& settings = session.settings();
  Profile profile = profiles.by_name.count(name) > 0 ? profiles.by_name[name] : Profile();
  for (const WhoOption& option : WhoOptions()) {
    const auto from = settings.from.find(option.name);
    const bool given = from != settings.from.end() && from->second == absl::StrCat("--", option.name);
    if (given) profile.*option.in_profile = settings.*option.value;
  }
  if (profile.role.empty()) return InvalidFields({{"--role", "is missing"}});
  if (profile.actor.empty()) return InvalidFields({{"--actor", "is missing"}});
  profile.role = TypedWord(*EnumValueNamed(*base::v1::Role_descriptor(), profile.role));
  profiles.by_name[name] = profile;
  ShowFields(session, {FieldsOf(name, profile, profiles.in_use == name)});
  return absl::OkStatus();
}

Action MakeProfileSet(const Command&, CLI::App& app) {
  const auto name = AddName(app, true);
  return OnProfiles(
      true, [name](Session& session, Profiles& profiles) { return SetProfile(session, *name, profiles); });
}

Action MakeProfileList(const Command&, CLI::App&) {
  return OnProfiles(false, [](Session& session, Profiles& profiles) {
    std::vector<Fields> rows;
    for (const auto& [name, profile] : profiles.by_name) {
      rows.push_back(FieldsOf(name, profile, name == profiles.in_use));
    }
    ShowFields(session, rows);
    return absl::OkStatus();
  });
}

Action MakeProfileUse(const Command&, CLI::App& app) {
  const auto name = AddName(app, false);
  auto none = std::make_shared<bool>(false);
  app.add_flag("--none", *none, "Use none from now on");
  return OnProfiles(true, [name, none](Session&, Profiles& profiles) {
    if (name->empty() != *none) return InvalidFields({{"name", "is missing, or --none"}});
    if (!name->empty() && profiles.by_name.count(*name) == 0) return NoSuch(*name);
    profiles.in_use = *name;
    return absl::OkStatus();
  });
}

Action MakeProfileShow(const Command&, CLI::App& app) {
  const auto name = AddName(app, false);
  return OnProfiles(false, [name](Session& session, Profiles& profiles) {
    const std::string& wanted = name->empty() ? profiles.in_use : *name;
    const auto found = profiles.by_name.find(wanted);
    if (wanted.empty()) return absl::NotFoundError("no profile is in use");
    if (found == profiles.by_name.end()) return NoSuch(wanted);
    ShowFields(session, {FieldsOf(wanted, found->second, wanted == profiles.in_use)});
    return absl::OkStatus();
  });
}

Action MakeProfileDelete(const Command&, CLI::App& app) {
  const auto name = AddName(app, true);
  return OnProfiles(true, [name](Session&, Profiles& profiles) {
    if (profiles.by_name.erase(*name) == 0) return NoSuch(*name);
    if (profiles.in_use == *name) profiles.in_use.clear();
    return absl::OkStatus();
  });
}

Action MakeWhoAmI(const Command&, CLI::App&) {
  return [](Session& session) {
    const auto actor = session.actor();
    if (!actor.ok()) return static_cast<int>(session.Fail(actor.status()));
    std::vector<Fields> rows;
    for (const WhoOption& option : WhoOptions()) {
      const Settings& settings = session.settings();
      const auto from = settings.from.find(option.name);
      rows.push_back({{"what", option.name},
                      {"value", settings.*option.value},
                      {"from", from == settings.from.end() ? "" : from->second}});
    }
    ShowFields(session, rows);
    return static_cast<int>(kDone);
  };
}

}  // namespace

void AddProfiles(std::vector<Command>& all) {
  const std::string prints =
      "--output json prints an object a line: profile, role, actor, store, server, in_use.";
  all.insert(
      all.end(),
      {{"profile set",
        "",
        "",
        "Keep who calls under a name, as the options say",
        {},
        "",
        {"profile set shop --role store_employee --actor e-1 --store m-100"},
        prints,
        MakeProfileSet},
       {"profile list", "", "", "List the profiles", {}, "", {"profile list"}, prints, MakeProfileList},
       {"profile use",
        "",
        "",
        "Call as one from now on",
        {},
        "",
        {"profile use shop", "profile use --none"},
        "Nothing, whatever --output says.",
        MakeProfileUse},
       {"profile show",
        "",
        "",
        "Show one, or the one in use",
        {},
        "",
        {"profile show shop"},
        prints,
        MakeProfileShow},
       {"profile delete",
        "",
        "",
        "Forget one",
        {},
        "",
        {"profile delete shop"},
        "Nothing, whatever --output says.",
        MakeProfileDelete},
       {"whoami",
        "",
        "",
        "Show who calls whom, and where that was said",
        {},
        "",
        {"whoami", "whoami --as shop"},
        "--output json prints an object a line: what, value, from.",
        MakeWhoAmI}});
}

}  // namespace makegood::ctl
