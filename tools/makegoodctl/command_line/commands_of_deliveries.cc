// Parcels on their way.
#include "tools/makegoodctl/command_line/commands.h"

namespace makegood::ctl {
namespace {

constexpr char kDeliveries[] = "makegood.deliveries.v1.DeliveriesService";

// What couriers tell.
void AddRuns(std::vector<Command>& all) {
  all.insert(
      all.end(),
      {{"deliveries dispatch",
        kDeliveries,
        "Dispatch",
        "A courier leaves with the parcel: for the first time, again, or with what has not arrived",
        {"order_id"},
        "",
        {"deliveries dispatch M-1002 --courier-id courier-7 --role store_employee --actor e-1 --store "
         "m-100"}},
       {"deliveries arrived",
        kDeliveries,
        "RecordArrival",
        "The courier is at the door, and nobody opens: they wait",
        {"order_id"},
        "",
        {"deliveries arrived M-1002 --role courier --actor courier-7"}},
       {"deliveries contact",
        kDeliveries,
        "RecordContact",
        "The recipient was reached while the courier waits: coming, or not",
        {"order_id"},
        "",
        {"deliveries contact M-1002 --coming --role courier --actor courier-7"}},
       {"deliveries hand-over",
        kDeliveries,
        "HandOverParcel",
        "Tell who takes the parcel; the order is DELIVERED, or that person is refused",
        {"order_id", "taker"},
        "",
        {"deliveries hand-over M-1002 recipient --role courier --actor courier-7",
         "deliveries hand-over M-1002 concierge --taker-name Hasan --consent-word call-4711 --role courier "
         "--actor courier-7"}},
       {"deliveries refused",
        kDeliveries,
        "RecordRefusal",
        "The recipient does not take it: it comes back to the store",
        {"order_id"},
        "",
        {"deliveries refused M-1002 --role courier --actor courier-7"}},
       {"deliveries back",
        kDeliveries,
        "RecordParcelBack",
        "The parcel is back at the store",
        {"order_id"},
        "",
        {"deliveries back M-1002 --role store_employee --actor e-1 --store m-100"}},
       {"deliveries recall",
        kDeliveries,
        "RecallCourier",
        "The recipient is somewhere else: call the courier back",
        {"order_id"},
        "",
        {"deliveries recall M-1002 --role store_manager --actor e-2 --store m-100"}}});
}

// Carriers and customs.
void AddCarriers(std::vector<Command>& all) {
  all.insert(all.end(),
             {{"deliveries intercept",
               kDeliveries,
               "RequestInterception",
               "Ask the carrier for the parcel: the customer does not want it, or its address is wrong",
               {"order_id", "reason"},
               "",
               {"deliveries intercept M-1002 cancel --role customer --actor c-1002",
                "deliveries intercept M-1002 wrong_address --customer-word call-4711"}},
              {"deliveries interception-result",
               kDeliveries,
               "RecordInterception",
               "Tell what the carrier says: given_back or not_given_back",
               {"order_id", "answer"},
               "",
               {"deliveries interception-result M-1002 given_back --role store_employee --actor e-1 --store "
                "m-100"}},
              {"deliveries customs-hold",
               kDeliveries,
               "RecordCustomsHold",
               "The customs keep the parcel",
               {"order_id"},
               "",
               {"deliveries customs-hold M-1002 --role store_employee --actor e-1 --store m-100"}},
              {"deliveries customs-release",
               kDeliveries,
               "RecordCustomsRelease",
               "The customs let the parcel go",
               {"order_id"},
               "",
               {"deliveries customs-release M-1002 --role store_employee --actor e-1 --store m-100"}}});
}

}  // namespace

void AddDeliveries(std::vector<Command>& all) {
  AddRuns(all);
  all.insert(all.end(), {{"deliveries allow",
                          kDeliveries,
                          "AllowThirdPerson",
                          "Let somebody else than the recipient take the parcel",
                          {"order_id", "takers"},
                          "",
                          {"deliveries allow M-1002 concierge,guard --role customer --actor c-1002"}},
                         {"deliveries not-arrived",
                          kDeliveries,
                          "ReportNotArrived",
                          "The order says DELIVERED, and the goods have not arrived",
                          {"order_id"},
                          "",
                          {"deliveries not-arrived M-1002 --role customer --actor c-1002"}},
                         {"deliveries arrived-after-all",
                          kDeliveries,
                          "RecordLateArrival",
                          "What was reported as not arrived is there",
                          {"order_id"},
                          "",
                          {"deliveries arrived-after-all M-1002 --role customer --actor c-1002"}}});
  AddCarriers(all);
  all.insert(all.end(), {{"deliveries list",
                          kDeliveries,
                          "ListDeliveries",
                          "List deliveries, newest or most urgent first; couriers what they carry",
                          {},
                          "deliveries",
                          {"deliveries list --state at_the_door", "deliveries list --courier-id courier-7",
                           "deliveries list --role courier --actor courier-7"}},
                         {"deliveries show",
                          kDeliveries,
                          "GetDelivery",
                          "Show where a parcel is, and what may be done now",
                          {"order_id"},
                          "",
                          {"deliveries show M-1002"}}});
}

}  // namespace makegood::ctl
