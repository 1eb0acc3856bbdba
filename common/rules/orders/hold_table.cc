#include "common/rules/orders/hold_table.h"

#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "common/base/enum_word.h"
#include "common/base/status.h"
#include "common/rules/scope.h"

namespace makegood::rules {
namespace {

using base::v1::Actor;
using base::v1::HoldName;
using base::v1::Role;

constexpr Roles kServices = {base::v1::ROLE_SERVICE};
// ROL-02: of a store's people a manager or director releases.
constexpr Roles kLeaders = {base::v1::ROLE_STORE_MANAGER, base::v1::ROLE_STORE_DIRECTOR,
                            base::v1::ROLE_OPERATIONS, base::v1::ROLE_SERVICE};
constexpr Roles kEverybody = {base::v1::ROLE_STORE_EMPLOYEE, base::v1::ROLE_STORE_MANAGER,
                              base::v1::ROLE_STORE_DIRECTOR, base::v1::ROLE_OPERATIONS,
                              base::v1::ROLE_SERVICE};

constexpr auto kNobodys = base::v1::WORK_TURN_UNSPECIFIED;
constexpr auto kMerchant = base::v1::WORK_TURN_MERCHANT;
constexpr auto kOperations = base::v1::WORK_TURN_OPERATIONS;

constexpr HoldRule kHolds[] = {
    // What the order or a surcharge still costs is known to the services alone (ORD-01, PAY-02).
    {base::v1::HOLD_NAME_AWAITING_PAYMENT, "ORD-12", kServices, kServices, kNobodys},
    {base::v1::HOLD_NAME_AWAITING_SURCHARGE, "PAY-02", kServices, kServices, kNobodys},
    {base::v1::HOLD_NAME_ADDRESS_UNCONFIRMED, "ORD-12", kEverybody, kLeaders, kOperations},
    {base::v1::HOLD_NAME_STOCK_SHORTAGE, "ORD-12", kEverybody, kLeaders, kMerchant},
    {base::v1::HOLD_NAME_UNDER_INCIDENT, "ORD-12", kEverybody, kLeaders, kOperations},
    // FMJ-01: who hides a store shows it again.
    {base::v1::HOLD_NAME_STORE_HIDDEN, "ORD-12", kLeaders, kLeaders, kMerchant},
};

const HoldRule* RuleFor(HoldName hold) {
  for (const HoldRule& rule : kHolds) {
    if (rule.hold == hold) return &rule;
  }
  return nullptr;
}

// "store manager, operations".
std::string Spoken(const Roles& roles) {
  std::vector<std::string> words;
  for (int role = 0; role < base::v1::Role_ARRAYSIZE; ++role) {
    if (!roles.Has(static_cast<Role>(role))) continue;
    words.push_back(
        absl::StrReplaceAll(absl::AsciiStrToLower(EnumWord(static_cast<Role>(role))), {{"_", " "}}));
  }
  return absl::StrJoin(words, ", ");
}

absl::Status Check(HoldName hold, const Actor& actor, Roles HoldRule::*whose, absl::string_view verb) {
  const HoldRule* const rule = RuleFor(hold);
  if (rule == nullptr) return InvalidFields({{"hold", "is no hold"}});
  if ((rule->*whose).Has(actor.role())) return absl::OkStatus();
  return Denied(rule->rule_id,
                absl::StrCat(EnumWord(hold), " is ", verb, " by these roles alone: ", Spoken(rule->*whose)));
}

}  // namespace

absl::Span<const HoldRule> HoldRules() { return kHolds; }

base::v1::WorkTurn TurnOf(HoldName hold) {
  const HoldRule* const rule = RuleFor(hold);
  return rule == nullptr ? kNobodys : rule->turn;
}

absl::Status CheckPlaces(HoldName hold, const Actor& actor) {
  return Check(hold, actor, &HoldRule::placed_by, "placed");
}

bool IsOfIncident(absl::string_view reference_id) { return absl::StartsWith(reference_id, "incident-"); }

// Changes of the address have ids that begin like the reference of an address that is not certain.
bool IsOfAddress(absl::string_view reference_id) {
  return reference_id == kAddressHold || absl::StartsWith(reference_id, absl::StrCat(kAddressHold, "-"));
}

bool IsOfShortage(absl::string_view reference_id) { return absl::StartsWith(reference_id, "stock-"); }

bool IsOfCase(absl::string_view reference_id) {
  return IsOfIncident(reference_id) || IsOfAddress(reference_id) || IsOfShortage(reference_id);
}

absl::Status CheckReleases(HoldName hold, absl::string_view reference_id, const Actor& actor) {
  if (IsOfShortage(reference_id) && !IsOwnService(actor)) {
    return Denied(
        "ORD-12",
        absl::StrCat(EnumWord(hold), " is released by the stock of its goods, or by a pick of all of them"));
  }
  if (IsOfCase(reference_id) && !IsOwnService(actor)) {
    return Denied("ORD-12", absl::StrCat(EnumWord(hold), " is released by what becomes of ", reference_id));
  }
  return Check(hold, actor, &HoldRule::released_by, "released");
}

}  // namespace makegood::rules
