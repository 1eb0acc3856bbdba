// An order of the file beside the order of that number that is here.
#pragma once

#include <vector>

#include "common/base/status.h"
#include "makegood/orders/v1/orders_service.pb.h"

namespace makegood::ctl {

// What the file says of an order that is not so here, by the request's fields; empty where all of it is so:
// the order may have gone on since. `past` is null for a live order. A language is not compared: the
// policy may have put another in its place.
std::vector<FieldViolation> DifferencesFrom(const orders::v1::Order& here, const orders::v1::NewOrder& told,
                                            const orders::v1::ImportOrderRequest* past);

// The same of the buyer. One that was changed or erased here since is not compared.
std::vector<FieldViolation> DifferencesFrom(const orders::v1::Contact& here,
                                            const orders::v1::ContactDetails& told);

}  // namespace makegood::ctl
