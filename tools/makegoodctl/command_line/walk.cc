#include "tools/makegoodctl/command_line/walk.h"

#include <algorithm>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "tools/makegoodctl/command_line/profiles.h"
#include "tools/makegoodctl/command_line/rule_book.h"
#include "tools/makegoodctl/import/connector.h"
#include "tools/makegoodctl/terminal/nearest.h"

namespace makegood::ctl {
namespace {

std::vector<std::string> ProfileNames() {
  std::vector<std::string> names;
  const absl::StatusOr<Profiles> profiles = LoadProfiles(ProfilesPath());
  if (!profiles.ok()) return names;
  for (const auto& [name, profile] : profiles->by_name) names.push_back(name);
  return names;
}

// "-3h" is a time, and "-" standard input.
bool IsOption(const std::string& word) {
  return word.size() > 1 && word[0] == '-' && word != "--" &&
         !absl::ascii_isdigit(static_cast<unsigned char>(word[1]));
}

// ", is it --state?", or nothing.
std::string IsIt(const std::string& word, const std::vector<std::string>& names) {
  const std::optional<std::string> meant = Meant(word, names);
  return meant.has_value() ? absl::StrCat(", is it ", *meant, "?") : "";
}

std::vector<std::string> CommandNames(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* sub : app.get_subcommands(nullptr)) names.push_back(sub->get_name());
  return names;
}

// What CLI11 says of an option: that it is there too often, or without its value.
std::string InOurWords(const Walk& walk, const CLI::ParseError& error) {
  std::string text = absl::StrReplaceAll(error.what(), {{"\n", " "}});
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) == nullptr) return text;
  const std::string name = text.substr(0, text.find(':'));
  if (absl::StrContains(text, "At Most")) return absl::StrCat(name, " is given twice");
  const CLI::Option* const option = OptionOf(walk.app, name);
  return option == nullptr ? text : absl::StrCat(name, " wants a value: ", option->get_type_name());
}

}  // namespace

std::vector<std::string> ChoicesOf(const CLI::Option& option) {
  if (option.check_name("--connector")) return ShippedConnectorNames();
  std::string type = option.get_type_name();
  if (type == "PROFILE") return ProfileNames();
  if (type == "RULE") return RuleIds();
  if (!absl::StartsWith(type, "{")) return {};
  return absl::StrSplit(type.substr(1, type.size() - 2), ',');
}

const CLI::App* SubcommandOf(const CLI::App& app, const std::string& word) {
  for (const CLI::App* sub : app.get_subcommands(nullptr)) {
    if (sub->get_name() == word) return sub;
  }
  return nullptr;
}

const CLI::Option* OptionOf(const CLI::App* app, const std::string& name) {
  for (; app != nullptr; app = app->get_parent()) {
    for (const CLI::Option* option : app->get_options()) {
      if (option->check_name(name)) return option;
    }
  }
  return nullptr;
}

std::vector<std::string> OptionNames(const CLI::App* app) {
  std::vector<std::string> names;
  for (; app != nullptr; app = app->get_parent()) {
    for (const CLI::Option* option : app->get_options()) {
      for (const std::string& name : option->get_lnames()) {
        const std::string word = absl::StrCat("--", name);
        // --help stands at each of them.
        if (std::find(names.begin(), names.end(), word) == names.end()) names.push_back(word);
      }
    }
  }
  return names;
}

const CLI::Option* PositionalAt(const CLI::App& app, size_t index) {
  std::vector<const CLI::Option*> positionals;
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_positional()) positionals.push_back(option);
  }
  if (index < positionals.size()) return positionals[index];
  const bool more = !positionals.empty() && positionals.back()->get_items_expected_max() > 1;
  return more ? positionals.back() : nullptr;
}

Walk WalkTo(const CLI::App& root, const std::vector<std::string>& words) {
  Walk walk;
  walk.app = &root;
  for (const std::string& word : words) {
    if (word == "=") continue;  // bash takes --output=json for three words
    const CLI::App* const sub = SubcommandOf(*walk.app, word);
    if (walk.pending != nullptr) {
      walk.pending = nullptr;
    } else if (IsOption(word)) {
      const CLI::Option* const option = OptionOf(walk.app, word.substr(0, word.find('=')));
      const bool waits = option != nullptr && option->get_items_expected_max() > 0;
      if (waits && !absl::StrContains(word, '=')) walk.pending = option;
      if (option == nullptr && walk.unknown_option.empty()) walk.unknown_option = word;
    } else if (sub != nullptr && walk.positionals.empty()) {
      walk.app = sub;
    } else {
      walk.positionals.push_back(word);
    }
  }
  return walk;
}

std::string Explain(const Walk& walk, const CLI::ParseError& error) {
  if (!walk.unknown_option.empty()) {
    const std::string name = walk.unknown_option.substr(0, walk.unknown_option.find('='));
    return absl::StrCat("there is no option ", name, IsIt(name, OptionNames(walk.app)));
  }
  const std::vector<std::string> names = CommandNames(*walk.app);
  const bool too_many = dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr;
  if (names.empty() && too_many && !walk.positionals.empty()) {
    return absl::StrCat("there is a word too many: ", walk.positionals.back());
  }
  if (names.empty()) return InOurWords(walk, error);
  if (!walk.positionals.empty()) return NoSuchCommand(*walk.app, walk.positionals[0]);
  return absl::StrCat("a command is missing, want one of ", absl::StrJoin(names, ", "));
}

std::string NoSuchCommand(const CLI::App& app, const std::string& word) {
  const std::vector<std::string> names = CommandNames(app);
  const std::string meant = IsIt(word, names);
  const std::string known =
      names.empty() ? "" : absl::StrCat(meant.empty() ? "." : "", " There are ", absl::StrJoin(names, ", "));
  return absl::StrCat("there is no command \"", word, "\"", meant, known);
}

}  // namespace makegood::ctl
