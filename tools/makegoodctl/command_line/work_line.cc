#include "tools/makegoodctl/command_line/work_line.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/money.h"
#include "tools/makegoodctl/command_line/commands.h"

namespace makegood::ctl {
namespace {

std::string OrdersMoney(const orders::v1::Work& work) {
  const base::v1::Money& amount = work.item().amount();
  return absl::StrCat(work.order_id(), " \"", FormatMoney(amount.amount_minor(), amount.currency()), "\"");
}

// "awaiting_surcharge --reference-id sur-…" of HOLD_NAME_AWAITING_SURCHARGE/sur-….
std::string HoldOf(absl::string_view detail) {
  absl::ConsumePrefix(&detail, "HOLD_NAME_");
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(detail, absl::MaxSplits('/', 1));
  const std::string name = absl::AsciiStrToLower(parts.first);
  return parts.second.empty() ? name : absl::StrCat(name, " --reference-id ", parts.second);
}

// What the command is given, as far as the work knows it: the subject, but for money that comes in and for
// holds, which are the order's. What is only to be known elsewhere stands as its name in capitals.
std::string ArgumentsOf(const orders::v1::Work& work, const Command& command) {
  const base::v1::WorkItem& item = work.item();
  switch (item.kind()) {
    case base::v1::WORK_KIND_PAY_SURCHARGE:
      return absl::StrCat(OrdersMoney(work), " --surcharge-id ", item.subject_id());
    case base::v1::WORK_KIND_RECORD_CASH:
    case base::v1::WORK_KIND_PAY_REST:
      return OrdersMoney(work);
    case base::v1::WORK_KIND_RELEASE_HOLD:
      return absl::StrCat(work.order_id(), " ", HoldOf(item.detail()));
    case base::v1::WORK_KIND_ISSUE_CREDIT_NOTE:
      return absl::StrCat(item.subject_id(), " --order-id ", work.order_id(), " --amount \"",
                          FormatMoney(item.amount().amount_minor(), item.amount().currency()), "\"");
    default:
      break;
  }
  std::string words = item.subject_id();
  for (size_t i = 1; i < command.positionals.size(); ++i) {
    absl::StrAppend(&words, " ", absl::AsciiStrToUpper(command.positionals[i]));
  }
  return words;
}

}  // namespace

std::string CommandOf(const orders::v1::Work& work) {
  if (work.state() != orders::v1::Work::STATE_OPEN || work.commands().empty()) return "";
  const Command* const command = CommandFor(work.commands(0));
  if (command == nullptr) return "";
  std::string words = command->path;
  // "claims approve|reject": of the others the last word.
  for (int i = 1; i < work.commands_size(); ++i) {
    const Command* const other = CommandFor(work.commands(i));
    if (other == nullptr) continue;
    const absl::string_view path = other->path;
    absl::StrAppend(&words, "|", path.substr(path.rfind(' ') + 1));
  }
  return absl::StrCat(words, " ", ArgumentsOf(work, *command));
}

}  // namespace makegood::ctl
