// What was picked, against what was ordered (AVL-02).
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/rules/incidents/incident_steps.h"
#include "common/rules/orders/order_records.h"
#include "common/rules/transaction.h"
#include "makegood/incidents/v1/incidents_service.pb.h"

namespace makegood::rules {

// Lines are the order's, and named once; a restock is still to come.
absl::Status CheckPick(const incidents::v1::RecordPickRequest& request, const Order& order, absl::Time now);

// What differs, notes on the order's lines what is there; of the kind UNSPECIFIED where nothing does. What is
// wrong comes before what is missing: both are picked again.
Finding ComparePick(const incidents::v1::RecordPickRequest& request, Order& order);

void EmitPicked(const incidents::v1::RecordPickRequest& request, const Order& order, Transaction& tx);

// What a pick's incident is about, less what has been taken off the order since.
std::vector<incidents::v1::IncidentUnits> StillMissing(const Incident& incident, const Order& order);

}  // namespace makegood::rules
