#include "tools/makegoodctl/command_line/change_line.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "common/base/enum_word.h"
#include "makegood/base/v1/resource.pb.h"
#include "makegood/deliveries/v1/deliveries_service.pb.h"
#include "makegood/events/v1/event_service.pb.h"
#include "makegood/incidents/v1/incidents_service.pb.h"
#include "makegood/orders/v1/erasure_service.pb.h"
#include "makegood/payments/v1/payments.pb.h"
#include "tools/makegoodctl/command_line/commands.h"
#include "tools/makegoodctl/command_line/values.h"
#include "tools/makegoodctl/command_line/view.h"
#include "tools/makegoodctl/terminal/terminal.h"

namespace makegood::ctl {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr size_t kMostSteps = 5;  // what more there is, the record's own command shows

// "credit note" of credit_note_id.
std::string NounOf(const FieldDescriptor& id) {
  return absl::StrReplaceAll(absl::StripSuffix(id.name(), "_id"), {{"_", " "}});
}

std::string StateOf(const Message& record, bool colour_on) {
  for (const char* name : {"state", "outcome"}) {
    const FieldDescriptor* const state = record.GetDescriptor()->FindFieldByName(name);
    if (state == nullptr || state->enum_type() == nullptr) continue;
    const std::string word = WriteValue(record, *state, 0, {});
    return Paint(absl::AsciiStrToUpper(word), ColourOfState(word), colour_on);
  }
  return "is on record";
}

// What may be done now, as commands; what people at a terminal have no command for is not told.
std::vector<std::string> StepsOf(const Message& record) {
  const FieldDescriptor* const actions = record.GetDescriptor()->FindFieldByName("available_actions");
  if (actions == nullptr) return {};
  std::vector<std::string> steps;
  for (int i = 0; i < record.GetReflection()->FieldSize(record, actions); ++i) {
    const auto& action = static_cast<const base::v1::AvailableAction&>(
        record.GetReflection()->GetRepeatedMessage(record, actions, i));
    const Command* const command = action.allowed() ? CommandFor(action.action()) : nullptr;
    if (command != nullptr) steps.push_back(command->path);
  }
  return steps;
}

// SYS-07: a report that was taken, and counts for nothing: says so first, and by which rule. Empty for
// others.
std::string RefusedLine(const Message& record, bool colour_on, const Message* request) {
  const std::string refused = absl::StrCat(Paint("REFUSED", Colour::kBad, colour_on), ", and on record: ");
  const auto line = [&](absl::string_view what, absl::string_view rule, absl::string_view reason) {
    return absl::StrCat(what, ": ", refused, rule, ": ", reason);
  };
  const auto* const handed = dynamic_cast<const deliveries::v1::HandoverResult*>(&record);
  if (handed != nullptr && handed->outcome() == deliveries::v1::HandoverResult::OUTCOME_REFUSED) {
    return line(absl::StrCat("handover of order ", handed->order_id()), handed->rule_id(), handed->reason());
  }
  const auto* const payment = dynamic_cast<const payments::v1::Payment*>(&record);
  if (payment != nullptr && payment->outcome() == payments::v1::Payment::OUTCOME_REFUSED) {
    return line(absl::StrCat("payment ", payment->payment_id()), payment->rule_id(),
                "it went to another account than the store's, and counts as no payment");
  }
  const auto* const delivery = dynamic_cast<const deliveries::v1::Delivery*>(&record);
  const bool asked = dynamic_cast<const deliveries::v1::RequestInterceptionRequest*>(request) != nullptr;
  if (delivery != nullptr && asked &&
      delivery->interception().state() == deliveries::v1::Interception::STATE_REFUSED) {
    return line(absl::StrCat("interception of order ", delivery->order_id()), "DLV-08",
                "where it goes a parcel cannot be called back, and it goes on");
  }
  return "";
}

}  // namespace

std::string ChangeLine(const Message& record, bool colour_on, const Message* request) {
  if (std::string refused = RefusedLine(record, colour_on, request); !refused.empty()) return refused;
  if (const auto* erased = dynamic_cast<const orders::v1::EraseCustomerResponse*>(&record)) {
    return absl::StrCat("customer ", erased->customer_id(), ": ", erased->order_count(),
                        " orders are to be erased, ", erased->under_way_count(),
                        " of them when they are no longer under way, next: customers erasures");
  }
  if (const auto* retried = dynamic_cast<const events::v1::RetryAllStuckResponse*>(&record)) {
    return absl::StrCat(retried->retried(), " tried again, ", retried->left(), " left",
                        retried->left() > 0 ? ": ask again for those" : "");
  }
  if (const auto* picked = dynamic_cast<const incidents::v1::PickResult*>(&record)) {
    return picked->complete()
               ? absl::StrCat("order ", picked->order_id(), " is picked: everything is there")
               : absl::StrCat("order ", picked->order_id(),
                              " is held: ", absl::AsciiStrToLower(EnumWord(picked->incident().kind())), ", ",
                              ChangeLine(picked->incident(), colour_on), ", see: incidents show");
  }
  if (const auto* handed = dynamic_cast<const deliveries::v1::HandoverResult*>(&record)) {
    return ChangeLine(handed->delivery(), colour_on);
  }
  const FieldDescriptor& id = *record.GetDescriptor()->field(0);
  if (id.cpp_type() != FieldDescriptor::CPPTYPE_STRING || id.is_repeated()) return "";
  if (!absl::EndsWith(id.name(), "_id")) return "";
  std::string line =
      absl::StrCat(NounOf(id), " ", WriteValue(record, id, 0, {}), " ", StateOf(record, colour_on));
  std::vector<std::string> steps = StepsOf(record);
  if (steps.empty()) return line;
  if (steps.size() > kMostSteps) {
    steps.resize(kMostSteps);
    steps.emplace_back("…");
  }
  return absl::StrCat(line, ", next: ", absl::StrJoin(steps, ", "));
}

}  // namespace makegood::ctl
