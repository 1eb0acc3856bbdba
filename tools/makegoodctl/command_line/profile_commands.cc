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
#include "makegood/base/v1/access.pb.h"
#include "tools/makegoodctl/command_line/contract.h"
#include "tools/makegoodctl/command_line/json_object.h"
#include "tools/makegoodctl/command_line/session.h"
#include "tools/makegoodctl/command_line/show.h"
#include "tools/makegoodctl/command_line/who.h"

namespace makegood::ctl {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

constexpr char kInUse[] = "in_use";  // yes or no

// Rows of named values: a table, or a line each of JSON or text.
void ShowFields(const Session& session, const std::vector<Fields>& rows) {
  if (rows.empty()) return TellNothingFound(session);
  std::vector<std::string> titles;
  for (const auto& [title, value] : rows.front()) titles.push_back(title);
  Table table(titles);
  for (const Fields& row : rows) {
    JsonObject object;
    std::vector<std::string> cells;
    for (const auto& [title, value] : row) {
      object.Add(title, title != kInUse ? JsonText(value) : value.empty() ? "false" : "true");
      cells.push_back(value);
    }
    if (session.output() == Output::kJson) std::puts(object.Json().c_str());
    if (session.output() == Output::kText) std::puts(absl::StrJoin(cells, "\t").c_str());
    table.Add(cells);
  }
  if (session.output() == Output::kTable) table.Print();
}

Fields FieldsOf(const std::string& name, const Profile& profile, bool in_use) {
  return {{"profile", name},        {"role", profile.role},     {"actor", profile.actor},
          {"store", profile.store}, {"server", profile.server}, {kInUse, in_use ? "yes" : ""}};
}

absl::Status NoSuch(const std::string& name, const Profiles& profiles) {
  return absl::NotFoundError(NoSuchProfile(name, profiles));
}

// Names are words, as the file has them.
std::string NameProblem(const std::string& name) {
  const bool word = !name.empty() && name.find_first_of(" \t\n#") == std::string::npos;
  return word ? "" : "a profile's name is a word";
}

// A command on the profiles there are, whose outcome is kept where it changes them.
using Work = std::function<absl::Status(Session&, Profiles&)>;
// What a person is told when that is done.
using Telling = std::function<std::string()>;

Action OnProfiles(bool changes, Work work, Telling tell = nullptr) {
  return [changes, work = std::move(work), tell = std::move(tell)](Session& session) {
    absl::StatusOr<Profiles> profiles = LoadProfiles(ProfilesPath());
    absl::Status done = profiles.status();
    if (done.ok()) done = work(session, *profiles);
    if (done.ok() && changes) done = SaveProfiles(ProfilesPath(), *profiles);
    if (!done.ok()) return session.Fail(done);
    if (tell != nullptr && session.output() == Output::kTable) std::puts(tell().c_str());
    return static_cast<int>(kDone);
  };
}

// Who calls where no option says so: "operations operations-1".
std::string WhoCallsNow() {
  Settings settings;
  if (!FillInWho({}, ProfilesPath(), settings).ok())
    return "nobody, until MAKEGOOD_PROFILE names another one";
  return absl::StrCat(settings.role, " ", settings.actor, settings.store.empty() ? "" : " of ",
                      settings.store, " (", settings.from["role"], ")");
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
  return OnProfiles(
      true,
      [name, none](Session&, Profiles& profiles) {
        if (name->empty() != *none) return InvalidFields({{"name", "is missing, or --none"}});
        if (!name->empty() && profiles.by_name.count(*name) == 0) return NoSuch(*name, profiles);
        profiles.in_use = *name;
        return absl::OkStatus();
      },
      [] { return absl::StrCat("From now on calls: ", WhoCallsNow()); });
}

Action MakeProfileShow(const Command&, CLI::App& app) {
  const auto name = AddName(app, false);
  return OnProfiles(false, [name](Session& session, Profiles& profiles) {
    const std::string& wanted = name->empty() ? profiles.in_use : *name;
    const auto found = profiles.by_name.find(wanted);
    if (wanted.empty()) return absl::NotFoundError("no profile is in use");
    if (found == profiles.by_name.end()) return NoSuch(wanted, profiles);
    ShowFields(session, {FieldsOf(wanted, found->second, wanted == profiles.in_use)});
    return absl::OkStatus();
  });
}

Action MakeProfileDelete(const Command&, CLI::App& app) {
  const auto name = AddName(app, true);
  const auto was_in_use = std::make_shared<bool>(false);
  return OnProfiles(
      true,
      [name, was_in_use](Session&, Profiles& profiles) {
        if (profiles.by_name.erase(*name) == 0) return NoSuch(*name, profiles);
        *was_in_use = profiles.in_use == *name;
        if (*was_in_use) profiles.in_use.clear();
        return absl::OkStatus();
      },
      [name, was_in_use] {
        return absl::StrCat(
            "profile ", *name, " is forgotten",
            *was_in_use ? absl::StrCat("; it was in use. From now on calls: ", WhoCallsNow()) : "");
      });
}

Action MakeWhoAmI(const Command&, CLI::App&) {
  return [](Session& session) {
    const auto actor = session.actor();
    if (!actor.ok()) return static_cast<int>(session.Fail(actor.status()));
    std::vector<Fields> rows;
    JsonObject who;
    for (const WhoOption& option : WhoOptions()) {
      const Settings& settings = session.settings();
      const std::string& value = settings.*option.value;
      const auto from = settings.from.find(option.name);
      const std::string said = from == settings.from.end() ? "" : from->second;
      rows.push_back({{"what", option.name}, {"value", value}, {"from", said}});
      who.Add(option.name, JsonObject().AddText("value", value).AddText("from", said).Json());
    }
    if (session.output() == Output::kJson) {
      std::puts(who.Json().c_str());
      return static_cast<int>(kDone);
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
        "Nothing with --output json or text.",
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
        "Nothing with --output json or text.",
        MakeProfileDelete},
       {"whoami",
        "",
        "",
        "Show who calls whom, and where that was said",
        {},
        "",
        {"whoami", "whoami --as shop"},
        "--output json prints one object: server, role, actor, store, each with its value and from.",
        MakeWhoAmI}});
}

}  // namespace makegood::ctl
