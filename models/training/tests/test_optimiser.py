"""Muon and Adam as one optimiser."""

import unittest

import torch
from torch import Tensor, nn

from velatura_training.config import Schedule
from velatura_training.optimiser import Optimiser, orthogonalised


def small_net() -> nn.Sequential:
    torch.manual_seed(3)
    return nn.Sequential(nn.Conv2d(6, 24, 3, 1, 1, bias=False), nn.BatchNorm2d(24), nn.ReLU(), nn.Conv2d(24, 24, 3, 1, 1, groups=24), nn.Conv2d(24, 5, 1))


def optimiser_of(net: nn.Module, matrix_rate: float, rate: float = 1e-2) -> Optimiser:
    schedule = Schedule(learning_rate=rate, matrix_rate=matrix_rate, budget_iterations=1)
    return Optimiser([{"params": list(net.parameters())}], schedule, fused=False)


class OptimiserTests(unittest.TestCase):
    def test_an_orthogonalised_matrix_is_as_long_in_every_direction(self) -> None:
        # Directions of which the least counts a fiftieth of the greatest.
        u, v = (torch.linalg.qr(torch.randn(n, 8, generator=torch.Generator().manual_seed(n)))[0] for n in (8, 40))
        matrix = (u * torch.logspace(0, -1.7, 8)) @ v.T
        for given in (matrix, matrix.T):
            lengths = torch.linalg.svdvals(orthogonalised(given))
            self.assertGreater(float(lengths.min()), 0.6)
            self.assertLess(float(lengths.max()), 1.3)

    def test_matrices_are_muons_and_all_others_are_adams(self) -> None:
        net = small_net()
        optimiser = optimiser_of(net, matrix_rate=0.05)
        matrices = [net[0].weight, net[4].weight]
        self.assertEqual([p.shape for p in optimiser.muon.param_groups[0]["params"]], [p.shape for p in matrices])
        everything = [p for group in optimiser.param_groups for p in group["params"]]
        self.assertEqual({id(p) for p in everything}, {id(p) for p in net.parameters()})
        self.assertIsNone(optimiser_of(net, matrix_rate=0).muon)

    def test_rates_fall_together(self) -> None:
        optimiser = optimiser_of(small_net(), matrix_rate=0.05, rate=1e-2)
        optimiser.set_rate(5e-3)
        self.assertEqual([group["lr"] for group in optimiser.param_groups], [0.025, 5e-3])

    def test_muon_learns_what_another_network_does(self) -> None:
        wanted, net = small_net().eval(), small_net()
        for parameter in net.parameters():
            parameter.data += 0.5 * torch.randn(parameter.shape, generator=torch.Generator().manual_seed(1)) * parameter.data.abs().mean()
        optimiser, rng = optimiser_of(net, matrix_rate=0.02), torch.Generator().manual_seed(2)

        def loss() -> Tensor:
            x = torch.randn(8, 6, 6, 6, generator=rng)
            return (net(x) - wanted(x)).square().mean()

        first = float(loss().detach())
        for step in range(60):
            optimiser.set_rate(1e-2 * (1 - step / 60))
            optimiser.zero_grad()
            loss().backward()
            optimiser.step()
        self.assertLess(float(loss().detach()), first / 5)

    def test_a_resume_point_of_another_division_says_so(self) -> None:
        state = optimiser_of(small_net(), matrix_rate=0).state_dict()
        with self.assertRaisesRegex(SystemExit, "another matrix_rate"):
            optimiser_of(small_net(), matrix_rate=0.05).load_state_dict(state)


if __name__ == "__main__":
    unittest.main()
