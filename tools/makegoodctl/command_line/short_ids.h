// Ids of ours are long: their beginning is enough, and TAB offers them.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "tools/makegoodctl/command_line/commands.h"
#include "tools/makegoodctl/command_line/session.h"

namespace makegood::ctl {

// The command that lists all there are of what a field such as "claim_id" names, or nullptr.
const Command* ListOf(absl::string_view field);

struct FoundIds {
  std::vector<std::string> ids;
  bool all = false;  // every page was looked at
};

// The ids that `list` finds for `actor` and that begin with `begun`, their kind ("clm-") left out or not;
// looks at `pages` pages at most, the newest.
absl::StatusOr<FoundIds> IdsThatBegin(Client& client, const base::v1::Actor& actor, const Command& list,
                                      absl::string_view begun, int pages, absl::Duration timeout);

// Makes whole what begins an id of ours in the request's own fields ("clm-0a"), where one only begins so.
// INVALID_ARGUMENT names those that do where there are several. Order numbers are not ours and stay as they
// are: one that is not there yet must not be taken for another.
absl::Status CompleteIds(Session& session, const base::v1::Actor& actor, const RequestForm& form,
                         google::protobuf::Message& request);

}  // namespace makegood::ctl
