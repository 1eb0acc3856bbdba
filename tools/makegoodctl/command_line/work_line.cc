#include "tools/makegoodctl/command_line/work_line.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "tools/makegoodctl/command_line/commands.h"

namespace makegood::ctl {
namespace {

// What the command is given: the subject, but for money that comes in and for holds, which are the order's.
std::string ArgumentsOf(const orders::v1::Work& work) {
  const base::v1::WorkItem& item = work.item();
  switch (item.kind()) {
    case base::v1::WORK_KIND_PAY_SURCHARGE:
      return absl::StrCat(work.order_id(), " --surcharge-id ", item.subject_id());
    case base::v1::WORK_KIND_RELEASE_HOLD: {
      absl::string_view hold = item.detail();
      absl::ConsumePrefix(&hold, "HOLD_NAME_");
      const size_t slash = hold.find('/');
      const std::string name = absl::AsciiStrToLower(hold.substr(0, slash));
      return absl::StrCat(work.order_id(), " ", name,
                          slash == absl::string_view::npos ? "" : " --reference-id ",
                          slash == absl::string_view::npos ? "" : hold.substr(slash + 1));
    }
    default:
      return item.subject_id();
  }
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
  return absl::StrCat(words, " ", ArgumentsOf(work));
}

}  // namespace makegood::ctl
