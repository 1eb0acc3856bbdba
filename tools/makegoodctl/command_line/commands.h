// Every command of makegoodctl: one line a method of the contract. Options, help, output and completion
// follow from the contract; see request_form.h and view.h.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "makegood/base/v1/access.pb.h"

namespace CLI {
class App;
}

namespace makegood::ctl {

class Session;

// What a command does; its exit code.
using Action = std::function<int(Session&)>;

struct Command {
  std::string path;     // the words that name it, e.g. "claims evidence upload"
  std::string service;  // e.g. "makegood.claims.v1.ClaimsService"; empty where it calls none, or many
  std::string method;   // e.g. "ApproveClaim"
  std::string summary;
  std::vector<std::string> positionals;  // fields of the request that need no option's name, in order
  std::string rows;                      // the field of the reply that a list shows
  std::vector<std::string> examples;     // what follows "makegoodctl "
  // What --output does where that does not follow from the method.
  std::string prints = {};
  // Commands that are more than one call: adds their options and arguments, returns what they do.
  std::function<Action(const Command&, CLI::App&)> make = nullptr;
  // What the command says by itself: sets it in the request, for this caller.
  void (*preset)(const base::v1::Actor& actor, google::protobuf::Message& request) = nullptr;
};

const std::vector<Command>& Commands();

// Their parts: what is done about cases and money.
void AddClaims(std::vector<Command>& all);
void AddPayments(std::vector<Command>& all);
void AddWork(std::vector<Command>& all);
void AddIncidents(std::vector<Command>& all);
void AddDeliveries(std::vector<Command>& all);
void AddStock(std::vector<Command>& all);

// The words that begin commands, and what they are about.
struct Noun {
  std::string path;
  std::string summary;
};
const std::vector<Noun>& Nouns();

// The command for a method, e.g. "ApproveClaim", or nullptr.
const Command* CommandFor(absl::string_view method);

// A contract's words for people: a method's name in them becomes its command's, "refunds release".
std::string InCommands(absl::string_view text);

// The command that shows what a field such as "claim_id" names, or nullptr.
const Command* CommandThatShows(absl::string_view field);

}  // namespace makegood::ctl
