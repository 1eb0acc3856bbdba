#include "tools/makegoodctl/command_line/work_line.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/money.h"
#include "common/rules/fields/field_check.h"
#include "tools/makegoodctl/command_line/commands.h"
#include "tools/makegoodctl/command_line/contract.h"

namespace makegood::ctl {
namespace {

std::string Quoted(const base::v1::Money& amount) {
  return absl::StrCat("\"", FormatMoney(amount.amount_minor(), amount.currency()), "\"");
}

// A hold and what stands behind it: HOLD_NAME_AWAITING_SURCHARGE/sur-….
std::pair<std::string, std::string> HoldOf(absl::string_view detail) {
  absl::ConsumePrefix(&detail, "HOLD_NAME_");
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(detail, absl::MaxSplits('/', 1));
  return {absl::AsciiStrToLower(parts.first), std::string(parts.second)};
}

// What the command is given for a field, as far as the work knows it; else its name in capitals.
std::string ValueFor(const std::string& field, const orders::v1::Work& work, bool is_first) {
  const base::v1::WorkItem& item = work.item();
  if (field == "order_id") return work.order_id();
  if (field == "merchant_id") return work.merchant_id();
  if (field == "marketplace") return work.policy().marketplace();
  if (field == "amount" && item.has_amount()) return Quoted(item.amount());
  if (field == "hold") return HoldOf(item.detail()).first;
  if (field == "destination") return "store_account";  // no other is accepted (PAY-05)
  return is_first ? item.subject_id() : absl::AsciiStrToUpper(field);
}

// What is not required by the contract, and is by the rules.
std::string FurtherOptions(const orders::v1::Work& work) {
  const base::v1::WorkItem& item = work.item();
  switch (item.kind()) {
    case base::v1::WORK_KIND_PAY_SURCHARGE:
      return absl::StrCat(" --surcharge-id ", item.subject_id());
    case base::v1::WORK_KIND_ISSUE_CREDIT_NOTE:
      return absl::StrCat(" --order-id ", work.order_id(), " --return-number RETURN_NUMBER");
    case base::v1::WORK_KIND_SEE_TO_INCIDENT:
      return " --customer-word CUSTOMER_WORD";
    case base::v1::WORK_KIND_RELEASE_HOLD: {
      const std::string reference = HoldOf(item.detail()).second;
      return reference.empty() ? "" : absl::StrCat(" --reference-id ", reference);
    }
    default:
      return "";
  }
}

// One command, whole: what it is given by place, and by option what else must be there.
std::string WholeCommand(const Command& command, const orders::v1::Work& work) {
  const google::protobuf::Descriptor& request = *MethodNamed(command.service, command.method).input_type();
  std::string words = command.path;
  for (size_t i = 0; i < command.positionals.size(); ++i) {
    absl::StrAppend(&words, " ", ValueFor(command.positionals[i], work, i == 0));
  }
  if (command.method == std::string("UploadEvidence")) return absl::StrCat(words, " FILE");
  for (int i = 0; i < request.field_count(); ++i) {
    const google::protobuf::FieldDescriptor& field = *request.field(i);
    const auto& given = command.positionals;
    if (!rules::IsRequired(field) || field.name() == "command" ||
        std::find(given.begin(), given.end(), field.name()) != given.end()) {
      continue;
    }
    if (field.name() == "units") {
      absl::StrAppend(&words, " --unit line_id=LINE,quantity=NUMBER");
      continue;
    }
    if (field.name() == "items") {
      absl::StrAppend(&words, " --item sku=SKU,stock=NUMBER");
      continue;
    }
    absl::StrAppend(&words, " --", absl::StrReplaceAll(field.name(), {{"_", "-"}}), " ",
                    ValueFor(field.name(), work, false));
  }
  return absl::StrCat(words, FurtherOptions(work));
}

}  // namespace

std::string CommandOf(const orders::v1::Work& work) {
  if (work.state() != orders::v1::Work::STATE_OPEN) return "";
  const bool steps = work.item().kind() == base::v1::WORK_KIND_SUBMIT_EVIDENCE;
  std::vector<std::string> commands;
  for (const std::string& method : work.commands()) {
    const Command* const command = CommandFor(method);
    if (command != nullptr) commands.push_back(WholeCommand(*command, work));
  }
  return absl::StrJoin(commands, steps ? ", then " : ", or ");
}

}  // namespace makegood::ctl
