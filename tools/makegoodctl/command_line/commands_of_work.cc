// What waits for people, and who does it.
#include "makegood/orders/v1/work_service.pb.h"
#include "tools/makegoodctl/command_line/commands.h"
#include "tools/makegoodctl/command_line/stream_commands.h"

namespace makegood::ctl {
namespace {

constexpr char kWork[] = "makegood.orders.v1.WorkService";

void OnlyMine(const base::v1::Actor& actor, google::protobuf::Message& request) {
  auto& list = static_cast<orders::v1::ListWorkRequest&>(request);
  list.set_assignee(actor.actor_id());
  list.set_with_put_off(true);
}

void OnlyOverdue(const base::v1::Actor&, google::protobuf::Message& request) {
  static_cast<orders::v1::ListWorkRequest&>(request).set_overdue_only(true);
}

}  // namespace

void AddWork(std::vector<Command>& all) {
  all.insert(all.end(), {{"work list",
                          kWork,
                          "ListWork",
                          "List what waits for people, most urgent first, with the command that does each",
                          {},
                          "work",
                          {"work list --turn operations", "work list --due-before +2d --marketplace mall",
                           "work list --order-id M-1002", "work list --role courier --actor courier-7",
                           "work list --unassigned-only --kind decide_claim"}},
                         {"work mine",
                          kWork,
                          "ListWork",
                          "List what you have taken or were assigned",
                          {},
                          "work",
                          {"work mine", "work mine --turn operations"},
                          "",
                          nullptr,
                          OnlyMine},
                         {"work overdue",
                          kWork,
                          "ListWork",
                          "List what should have been done by now, put off or not",
                          {},
                          "work",
                          {"work overdue", "work overdue --turn merchant --merchant-id m-100"},
                          "",
                          nullptr,
                          OnlyOverdue},
                         {"work show",
                          kWork,
                          "GetWork",
                          "Show a piece of work, open or done",
                          {"work_id"},
                          "",
                          {"work show wrk-0a-00112233445566778899"}},
                         {"work watch",
                          kWork,
                          "StreamWork",
                          "Show what is open, and then each piece whenever it changes",
                          {},
                          "",
                          {"work watch --turn operations"},
                          "",
                          MakeWorkWatch},
                         {"work take",
                          kWork,
                          "TakeWork",
                          "Say that you do it, so that nobody else does the same",
                          {"work_ids"},
                          "",
                          {"work take wrk-0a-00112233445566778899"}},
                         {"work give-back",
                          kWork,
                          "GiveBackWork",
                          "Say that you do not do it after all",
                          {"work_ids"},
                          "",
                          {"work give-back wrk-0a-00112233445566778899"}},
                         {"work assign",
                          kWork,
                          "AssignWork",
                          "Say who does it, whoever had it before",
                          {"assignee", "work_ids"},
                          "",
                          {"work assign op-2 wrk-0a-00112233445566778899 wrk-0b-99887766554433221100"}},
                         {"work put-off",
                          kWork,
                          "PutOffWork",
                          "Look at it again later, for a reason",
                          {"until_time", "reason", "work_ids"},
                          "",
                          {"work put-off +1d customer_asked wrk-0a-00112233445566778899"}}});
}

}  // namespace makegood::ctl
